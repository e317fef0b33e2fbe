#include "on_call.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace tollgate::test {

std::vector<std::string> blocks_of(const std::string& path) {
    std::vector<std::string> blocks;
    std::ifstream file{source_file(path)};
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "```sh") {
            inside = true;
            blocks.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

OnCall::OnCall(const Shell& shell) : shell_{shell}, environment_{shell.environment()} {
    const auto programs = std::filesystem::path{built("tollgate")}.parent_path().string();
    environment_["PATH"] = programs + ":/usr/bin:/bin";
}

void OnCall::has_file(const std::string& name, const std::string& text) const {
    const std::string path = (folder_.path() / name).string();
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0600);
}

Ran OnCall::gives(const std::string& block) const {
    ChildProcess process{"/bin/sh", {"-ec", "cd " + folder_.path().string() + "\n" + block}, environment_};
    const int code = process.wait();
    return {.code = code, .out = process.out(), .err = process.err()};
}

void OnCall::learns_replay() {
    const std::string listed = shell_("replay list --all-tenants --json").out;
    knows("REPLAY", json_text(listed.substr(0, listed.find('\n')), "replay"));
}

}  // namespace tollgate::test
