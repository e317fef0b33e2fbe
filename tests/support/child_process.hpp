// A program that a test runs: its output is collected while it runs, and it never outlives the test.
#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace tollgate::test {

// Executables of the build under test: TOLLGATE_TEST_BIN, else beside the test's own.
std::string built(const std::string& name);
// A file of the checkout: TOLLGATE_SOURCE_DIR.
std::string source_file(const std::string& path);

class ChildProcess {
public:
    using Environment = std::map<std::string, std::string>;

    // The environment is added to the test's own, of which TOLLGATE_* and PG* are left out. No configuration
    // file is read unless TOLLGATE_CONFIG names one.
    ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                 const Environment& environment = {});
    // Kills it and its children if it still runs.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void signal(int number) const;
    // The exit code, or 128 and the signal that ended it. Fails the test when it does not end in time.
    int wait(std::chrono::milliseconds deadline = std::chrono::seconds{30});
    bool running();

    // What it has written so far.
    std::string out() const;
    std::string err() const;

    pid_t pid() const { return pid_; }

private:
    struct Stream {
        int fd = -1;
        std::string text;
        std::thread reader;
    };

    void collect(Stream& stream);
    void join_readers();

    pid_t pid_ = -1;
    int status_ = -1;
    bool ended_ = false;
    mutable std::mutex mutex_;
    Stream out_;
    Stream err_;
};

}  // namespace tollgate::test
