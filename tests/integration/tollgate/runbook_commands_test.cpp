// Every command of every runbook is one that the executable knows, with these flags.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include <catch2/catch.hpp>

#include "on_call.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// In place of `tollgate`: gives the command to the real one, and keeps what that does not understand. It has
// no database, so whatever is understood ends with another code.
constexpr const char* stand_in = R"sh(#!/bin/sh
"$REAL" "$@" >/dev/null 2>err </dev/null
if [ $? -eq 2 ]; then echo "tollgate $*: $(cat err)" >>"$NOT_UNDERSTOOD"; fi
echo x >>"$GIVEN"
)sh";

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class Understanding {
public:
    Understanding() {
        const auto script = folder_.path() / "tollgate";
        std::ofstream{script} << stand_in;
        std::filesystem::permissions(script, std::filesystem::perms::owner_all);
        file("token", "tg_nobody\n");
        file("keys", text_of(shell_.environment().at("TOLLGATE_SEAL_KEYS_FILE")));
        for (const char* const secret : {"new.secret", "next.secret", "webhook.url"})
            file(secret, "whsec_1\n");
    }

    // What the executable does not understand of a block, and how many commands there were.
    std::pair<std::string, std::size_t> of(const std::string& block) {
        for (const char* const left : {"given", "not_understood"})
            std::filesystem::remove(folder_.path() / left);
        ChildProcess shell{
            "/bin/sh", {"-uc", "cd " + folder_.path().string() + "\n" + block}, environment_for(block)};
        shell.wait();
        const std::string given = text_of(folder_.path() / "given");
        return {text_of(folder_.path() / "not_understood") + shell.err(), given.size() / 2};
    }

private:
    void file(const std::string& name, const std::string& text) {
        std::ofstream{folder_.path() / name} << text;
        std::filesystem::permissions(
            folder_.path() / name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }

    ChildProcess::Environment environment_for(const std::string& block) const {
        ChildProcess::Environment all{{"PATH", folder_.path().string() + ":/usr/bin:/bin"},
                                      {"REAL", built("tollgate")},
                                      {"GIVEN", folder_.path() / "given"},
                                      {"NOT_UNDERSTOOD", folder_.path() / "not_understood"},
                                      {"HOME", folder_.path()},
                                      {"TOLLGATE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"},
                                      {"TOLLGATE_DATABASE_CONNECT_TIMEOUT", "500ms"},
                                      {"TOLLGATE_OPERATOR_TOKEN_FILE", folder_.path() / "token"},
                                      {"TOLLGATE_SEAL_KEYS_FILE", folder_.path() / "keys"}};
        const std::regex variable{R"(\$([A-Z]+))"};
        for (std::sregex_iterator at{block.begin(), block.end(), variable}, end; at != end; ++at)
            all[(*at)[1]] = (*at)[1] == "BEGAN" ? "2026-11-01T00:00:00Z" : make_uuid_v7().text();
        return all;
    }

    Shell shell_;
    TemporaryFolder folder_;
};

std::size_t count_of(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("every command of every runbook is understood") {
    Understanding executable;
    std::size_t commands = 0;
    for (const auto& entry : std::filesystem::directory_iterator{source_file("deploy/runbooks")}) {
        for (const std::string& block : blocks_of("deploy/runbooks/" + entry.path().filename().string())) {
            const auto [complaints, given] = executable.of(block);
            INFO(entry.path().filename().string() << ": " << block);
            CHECK(complaints.empty());
            CHECK(given == count_of("\n" + block, "\ntollgate ") + count_of("\n" + block, "\n! tollgate "));
            commands += given;
        }
    }
    CHECK(commands > 50);
}

TEST_CASE("a verb that there is not and a flag that it has not got are found in a runbook") {
    Understanding executable;
    CHECK(executable.of("tollgate reader list\n").first.empty());
    CHECK_THAT(executable.of("tollgate reader lost\n").first, Catch::Contains("unknown command"));
    CHECK_THAT(executable.of("tollgate reader list --all-tenants\n").first, Catch::Contains("--all-tenants"));
}
