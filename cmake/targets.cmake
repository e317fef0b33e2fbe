# The three kinds of target: a library, a service's executable, a set of migrations.

# tollgate_library(NAME SOURCES file... [LINKS target...] [PRIVATE_LINKS target...])
# LINKS are what the headers need, PRIVATE_LINKS what only the sources need.
function(tollgate_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
    add_library(tollgate_${name} STATIC ${arg_SOURCES})
    add_library(tollgate::${name} ALIAS tollgate_${name})
    target_link_libraries(tollgate_${name} PUBLIC tollgate_options ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
endfunction()

# tollgate_executable(NAME SOURCES file... LINKS target...)
function(tollgate_executable name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE tollgate_options ${arg_LINKS})
endfunction()
