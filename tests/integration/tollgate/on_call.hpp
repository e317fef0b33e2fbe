// Whoever is on call, with a runbook in hand: gives its commands in a shell.
#pragma once

#include <string>
#include <vector>

#include "shell.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::test {

// What stands between ```sh and ```, of a file of the checkout.
std::vector<std::string> blocks_of(const std::string& path);

class OnCall {
public:
    explicit OnCall(const Shell& shell);

    // What a variable of the runbook stands for.
    void knows(const std::string& name, const std::string& value) { environment_[name] = value; }
    // A file in the folder where the commands are given.
    void has_file(const std::string& name, const std::string& text) const;
    Ran gives(const std::string& block) const;
    // The newest replay.
    void learns_replay();

private:
    const Shell& shell_;
    TemporaryFolder folder_;
    ChildProcess::Environment environment_;
};

}  // namespace tollgate::test
