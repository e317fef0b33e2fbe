#include "shell.hpp"

#include <filesystem>
#include <fstream>
#include <ranges>
#include <stdexcept>

#include <boost/json/parse.hpp>

#include "crypto/keyring.hpp"
#include "support/ports.hpp"
#include "tenants/operators.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::test {

namespace {

// For all of this process, and gone with it.
class KeyFile {
public:
    KeyFile() : path_{std::filesystem::temp_directory_path() / ("keys-" + make_uuid_v4().text())} {
        std::ofstream{path_} << crypto::make_key_line("k1")->reveal();
        std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
    }
    ~KeyFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    std::string path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> words;
    for (const auto part : std::views::split(text, ' ')) words.emplace_back(std::string_view{part});
    return words;
}

}  // namespace

Shell::Shell()
    : database_{all_schemas()},
      folder_{std::filesystem::temp_directory_path() / ("tollgate-" + make_uuid_v4().text())} {
    std::filesystem::create_directories(folder_);
    postgres::Connection owner = open(database_.owner());
    const auto first =
        transact(owner, [](postgres::Transaction& tx) { return tenants::add_first_operator(tx, "ann"); });
    if (!first) throw std::runtime_error{first.error().text()};
    file("token", first->token.reveal() + "\n");
    file("keys", crypto::make_key_line("k1")->reveal());
}

Shell::~Shell() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

ChildProcess::Environment Shell::environment() const {
    return {{"TOLLGATE_DATABASE_URL", database_.service("operator").url.reveal()},
            {"TOLLGATE_OPERATOR_TOKEN_FILE", folder_ + "/token"},
            {"TOLLGATE_SEAL_KEYS_FILE", folder_ + "/keys"},
            {"HOME", folder_}};
}

Ran Shell::run(const std::vector<std::string>& arguments, const ChildProcess::Environment& more) const {
    ChildProcess::Environment environment = more;
    environment.merge(this->environment());
    std::erase_if(environment, [](const auto& variable) { return variable.second.empty(); });
    ChildProcess process{built("tollgate"), arguments, environment};
    const int code = process.wait();
    return {.code = code, .out = process.out(), .err = process.err()};
}

Ran Shell::operator()(const std::string& command, const ChildProcess::Environment& more) const {
    return run(words(command), more);
}

Ran Shell::with_input(const std::string& input, const std::string& command) const {
    const std::string path = file("input", input);
    ChildProcess process{"/bin/sh",
                         {"-c", fmt::format("exec \"$0\" {} <{}", command, path), built("tollgate")},
                         environment()};
    const int code = process.wait();
    return {.code = code, .out = process.out(), .err = process.err()};
}

std::string Shell::file(const std::string& name, const std::string& text) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream{path} << text;
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
}

ChildProcess::Environment Shell::as(const std::string& name, const std::string& flags) const {
    const Ran added = (*this)("operator add " + name + " --json " + flags);
    if (added.code != 0) throw std::runtime_error{added.err};
    return {{"TOLLGATE_OPERATOR_TOKEN_FILE", file("token-" + name, json_text(added.out, "token"))}};
}

ChildProcess::Environment up_environment(const Secret& database_url) {
    static const KeyFile keys;
    return {{"TOLLGATE_DATABASE_URL", database_url.reveal()},
            {"TOLLGATE_HTTP_PORT", std::to_string(free_port())},
            {"TOLLGATE_SEAL_KEYS_FILE", keys.path()}};
}

std::string json_text(const std::string& object, const std::string& key) {
    return std::string{boost::json::parse(object).at(key).as_string()};
}

}  // namespace tollgate::test
