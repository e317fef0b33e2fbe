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
    target_link_libraries(${name} PRIVATE tollgate_options ${arg_LINKS} $<TARGET_NAME_IF_EXISTS:PkgConfig::jemalloc>)
endfunction()

# tollgate_schema(LIBRARY SCHEMA name [NEEDS schema...])
# Builds the library's schema/NNN_what.sql into it, as tollgate::LIBRARY::schema().
function(tollgate_schema library)
    cmake_parse_arguments(arg "" "SCHEMA" "NEEDS" ${ARGN})
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/schema/*.sql)
    set(rows "")
    set(expected 0)
    foreach(file IN LISTS files)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
        get_filename_component(name ${file} NAME_WE)
        string(REGEX MATCH "^[0-9]+" number ${name})
        math(EXPR number "${number} + 0")
        math(EXPR expected "${expected} + 1")
        if(NOT number EQUAL expected)
            message(FATAL_ERROR "${file}: migrations of a schema are numbered 001, 002, ... without a gap")
        endif()
        file(READ ${file} sql)
        if(NOT sql MATCHES "^-- release ([0-9]+)\n")
            message(FATAL_ERROR "${file}: the first line must be `-- release N`, the release that brings it")
        endif()
        string(APPEND rows "    {.number = ${number}, .name = \"${name}\", .release = ${CMAKE_MATCH_1}, .sql = R\"~sql~(${sql})~sql~\"},\n")
    endforeach()
    list(TRANSFORM arg_NEEDS PREPEND "\"")
    list(TRANSFORM arg_NEEDS APPEND "\", ")
    list(JOIN arg_NEEDS "" needs)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/schema.cpp @ONLY CONTENT [[
#include "postgres/schema.hpp"

#include <array>

namespace tollgate::@library@ {

namespace {

constexpr std::initializer_list<std::string_view> needs{@needs@};
constexpr postgres::Migration migrations[] = {
@rows@};

}  // namespace

const postgres::Schema& schema() {
    static constexpr postgres::Schema value{
        .name = "@arg_SCHEMA@", .needs = {needs.begin(), needs.size()}, .migrations = migrations};
    return value;
}

}  // namespace tollgate::@library@
]])
    target_sources(tollgate_${library} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/schema.cpp)
endfunction()
