# How everything of ours is compiled: one interface target that every target of ours links.

option(TOLLGATE_TESTS "Build the tests" ON)
option(TOLLGATE_WARNINGS_ARE_ERRORS "Stop at a warning" OFF)
option(TOLLGATE_COVERAGE "Instrument for coverage" OFF)
option(TOLLGATE_FUZZ "Instrument for libFuzzer, and build the targets of tests/fuzz" OFF)
set(TOLLGATE_SANITIZERS "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Modules are not used, and scanning every file for them doubles the processes of a build.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

find_program(TOLLGATE_CCACHE ccache)
if(TOLLGATE_CCACHE)
    # The base directory lets a fresh clone elsewhere on the machine hit the same entries.
    set(launcher /usr/bin/env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${TOLLGATE_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(tollgate_options INTERFACE)
target_compile_options(tollgate_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
    # Settings structs are made to be initialised in part.
    $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
    $<$<BOOL:${TOLLGATE_WARNINGS_ARE_ERRORS}>:-Werror>
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
    $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
target_include_directories(tollgate_options INTERFACE ${CMAKE_SOURCE_DIR}/libs ${CMAKE_SOURCE_DIR}/services)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(-fuse-ld=lld-19)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Symbols stay, so that a core dump or a profile from production can be read.
    add_compile_options(-g1)
else()
    # Tests wait for optimised third-party headers (Beast, protobuf); -O1 halves their run time at no cost in building.
    add_compile_options(-O1 -fno-omit-frame-pointer)
endif()

if(TOLLGATE_SANITIZERS)
    # Everywhere and not on the interface target: Asio's and Beast's one translation unit must agree with ours.
    add_compile_options(-fsanitize=${TOLLGATE_SANITIZERS} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${TOLLGATE_SANITIZERS})
endif()
if(TOLLGATE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TOLLGATE_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
