// The command line of Tollgate, and all of it in one process.
#include <array>

#include "tollgate/commands.hpp"

int main(int argc, char** argv) {
    const std::array commands{
        tollgate::migrate_command(),
        tollgate::reader_list_command(),
        tollgate::reader_retire_command(),
        tollgate::up_command(),
    };
    return tollgate::process::run_command_line("tollgate", commands, argc, argv);
}
