# Builds fairusectl without instruments: a preloaded library that stands between a program and its
# allocator cannot stand beside AddressSanitizer, which does the same.
#
# usage: cmake -D SOURCE=… -D BINARY=… -D GENERATOR=… -D COMPILER=… -P plain.cmake
function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                    ERROR_VARIABLE output)
    if(result)
        message(FATAL_ERROR "${output}")
    endif()
endfunction()

run(${CMAKE_COMMAND} -S ${SOURCE} -B ${BINARY} -G ${GENERATOR} -DCMAKE_C_COMPILER=${COMPILER}
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFAIRUSE_TESTS=OFF)
run(${CMAKE_COMMAND} --build ${BINARY} --target fairusectl)
