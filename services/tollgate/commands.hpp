// The commands of `tollgate`, one function each.
#pragma once

#include "process/command_line.hpp"

namespace tollgate {

process::Command migrate_command();
process::Command reader_list_command();
process::Command reader_retire_command();
process::Command up_command();

}  // namespace tollgate
