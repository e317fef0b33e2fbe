// Commands as an operator gives them: processes with a database, a token and sealing keys of their own.
#pragma once

#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/database.hpp"

namespace tollgate::test {

struct Ran {
    int code;
    std::string out;
    std::string err;
};

class Shell {
public:
    // Of an admin of the platform, made as the owner of the database makes the first one.
    Shell();
    ~Shell();
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    const Database& database() const { return database_; }
    // Token, keys, the URL in the operators' role; a home without a token.
    ChildProcess::Environment environment() const;

    // "source list --all-tenants": words with blanks between them.
    Ran operator()(const std::string& command, const ChildProcess::Environment& more = {}) const;
    Ran run(const std::vector<std::string>& arguments, const ChildProcess::Environment& more = {}) const;
    // With this on stdin.
    Ran with_input(const std::string& input, const std::string& command) const;

    // A file of mode 0600; gives its path.
    std::string file(const std::string& name, const std::string& text) const;
    // Adds one, and gives an environment with the token.
    ChildProcess::Environment as(const std::string& name, const std::string& flags) const;

private:
    Database database_;
    std::string folder_;
};

// What `tollgate up` needs to run beside others: a port for webhooks, keys. Its probes' port is the caller's.
ChildProcess::Environment up_environment(const Secret& database_url);

// The string that a JSON object on one line has under this key.
std::string json_text(const std::string& object, const std::string& key);

}  // namespace tollgate::test
