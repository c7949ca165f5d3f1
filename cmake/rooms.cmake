# A room is one folder, one static library, one law: it sees its own headers and those of the
# rooms it names in USES. Headers are included as "room/stem.h"; the include path of a room
# holds a link for each room it may see, so an include across a layer does not compile.
set(ROOM_VIEWS ${CMAKE_BINARY_DIR}/view)

function(room name)
    cmake_parse_arguments(ARG "" "DIR" "USES;THIRD;EXCEPT" ${ARGN})
    set(dir ${CMAKE_SOURCE_DIR}/${ARG_DIR})
    file(MAKE_DIRECTORY ${ROOM_VIEWS}/${name})
    file(CREATE_LINK ${dir} ${ROOM_VIEWS}/${name}/${name} SYMBOLIC)
    file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.c)
    foreach(file IN LISTS ARG_EXCEPT)
        list(REMOVE_ITEM sources ${dir}/${file})
    endforeach()
    if(NOT sources) # an empty room, while it is being furnished
        file(WRITE ${CMAKE_BINARY_DIR}/empty.c "extern int nothing;\n")
        set(sources ${CMAKE_BINARY_DIR}/empty.c)
    endif()
    set_property(GLOBAL APPEND PROPERTY ROOMS ${name})
    set_property(GLOBAL PROPERTY ROOM_USES_${name} ${ARG_USES})
    add_library(${name} STATIC ${sources})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
    # Each room is on the path by itself: a link library would pass its own paths on.
    target_include_directories(${name} PRIVATE ${ROOM_VIEWS}/${name})
    foreach(used IN LISTS ARG_USES)
        target_include_directories(${name} PRIVATE ${ROOM_VIEWS}/${used})
        target_link_libraries(${name} PUBLIC ${used})
    endforeach()
    target_link_libraries(${name} PRIVATE ${ARG_THIRD})
endfunction()

# A program: its main.c and the one room that it starts; it sees what that room sees.
function(program name main room)
    add_executable(${name} ${CMAKE_SOURCE_DIR}/${main})
    get_property(uses GLOBAL PROPERTY ROOM_USES_${room})
    see_rooms(${name} ${room} ${uses})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# Tests, fuzz targets and benchmarks may look into the rooms they name.
function(see_rooms target)
    foreach(used IN LISTS ARGN)
        target_include_directories(${target} PRIVATE ${ROOM_VIEWS}/${used})
        target_link_libraries(${target} PRIVATE ${used})
    endforeach()
endfunction()
