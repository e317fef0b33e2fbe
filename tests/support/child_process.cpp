#include "support/child_process.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/wait.hpp"

namespace tollgate::test {

namespace {

std::string variable(const char* name, const std::string& otherwise) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment while tests run
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : value;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (std::string& text : strings) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// What the shell that runs the tests has set for a Tollgate or a Postgres of its own is not for them.
bool is_for_others(const std::string& name) {
    if (name.starts_with("TOLLGATE_TEST_") || name == "TOLLGATE_SOURCE_DIR") return false;
    return name.starts_with("TOLLGATE_") || name.starts_with("PG");
}

std::vector<std::string> environment_with(ChildProcess::Environment added) {
    added.try_emplace("TOLLGATE_CONFIG", "/dev/null");  // else /etc/tollgate/tollgate.toml is read
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const std::string name = text.substr(0, text.find('='));
        if (!is_for_others(name) && !added.contains(name)) all.push_back(text);
    }
    for (const auto& [name, value] : added) all.push_back(name + "=" + value);
    return all;
}

}  // namespace

std::string built(const std::string& name) {
    const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    return variable("TOLLGATE_TEST_BIN", beside) + "/" + name;
}

std::string source_file(const std::string& path) {
    const auto above = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../../..";
    return variable("TOLLGATE_SOURCE_DIR", above) + "/" + path;
}

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const Environment& environment) {
    std::array<int, 2> out{};
    std::array<int, 2> err{};
    if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
        throw std::runtime_error{"no pipe"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = environment_with(environment);
    // A group of its own, so that its children end with it.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int failure = posix_spawn(&pid_, program.c_str(), &actions, &attributes, pointers(words).data(),
                                    pointers(variables).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    close(err[1]);
    out_.fd = out[0];
    err_.fd = err[0];
    if (failure != 0) {
        close(out_.fd);
        close(err_.fd);
        throw std::runtime_error{"cannot start " + program + ": " + std::generic_category().message(failure)};
    }
    out_.reader = std::thread{[this] { collect(out_); }};
    err_.reader = std::thread{[this] { collect(err_); }};
}

ChildProcess::~ChildProcess() {
    if (running()) {
        kill(-pid_, SIGKILL);
        waitpid(pid_, &status_, 0);
    }
    join_readers();
    close(out_.fd);
    close(err_.fd);
}

void ChildProcess::join_readers() {
    for (Stream* const stream : {&out_, &err_}) {
        if (stream->reader.joinable()) stream->reader.join();
    }
}

void ChildProcess::collect(Stream& stream) {
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = read(stream.fd, buffer.data(), buffer.size());
        if (count <= 0) return;
        const std::lock_guard lock{mutex_};
        stream.text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void ChildProcess::signal(int number) const {
    kill(pid_, number);
}

bool ChildProcess::running() {
    if (!ended_) ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
    return !ended_;
}

int ChildProcess::wait(std::chrono::milliseconds deadline) {
    if (!wait_until([this] { return !running(); }, deadline)) {
        throw std::runtime_error{"process " + std::to_string(pid_) +
                                 " did not end in time; it wrote: " + err()};
    }
    // All that it wrote is in the pipes by now: read them to their end.
    join_readers();
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string ChildProcess::out() const {
    const std::lock_guard lock{mutex_};
    return out_.text;
}

std::string ChildProcess::err() const {
    const std::lock_guard lock{mutex_};
    return err_.text;
}

}  // namespace tollgate::test
