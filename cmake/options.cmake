# Language, warnings, hardening and instruments: one list for gcc and clang.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # gnu17: the cleanup attribute and __builtin_*_overflow, no more
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(FAIRUSE_TESTS "Build the tests" ON)
option(FAIRUSE_FUZZ "Build the fuzz targets (clang only)" OFF)
set(FAIRUSE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
option(FAIRUSE_COVERAGE "Instrument for gcov" OFF)

add_compile_definitions(_GNU_SOURCE FAIRUSE_VERSION="${PROJECT_VERSION}")
add_compile_options(
    -Wall -Wextra -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wformat=2 -Wundef -Wpointer-arith -Wcast-align -Wwrite-strings -Wswitch-enum
    -Wnull-dereference -fno-common -fno-strict-aliasing)

if(FAIRUSE_SANITIZE)
    add_compile_options(-fsanitize=${FAIRUSE_SANITIZE} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${FAIRUSE_SANITIZE})
elseif(NOT FAIRUSE_COVERAGE)
    # _FORTIFY_SOURCE needs optimisation, and the sanitizers bring checks of their own.
    add_compile_options($<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE>
                        $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
endif()
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
# A program loads the libraries that it uses, not those of every room that it is linked with.
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack,--as-needed)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(FAIRUSE_COVERAGE)
    add_compile_options(--coverage -O0)
    add_link_options(--coverage)
endif()

# Assertions stay in release builds: a stopped ledger beats a wrong one.
foreach(config RELEASE RELWITHDEBINFO)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()
