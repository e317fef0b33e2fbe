#include "process/settings.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "core/uuid.hpp"

using namespace tollgate;
using namespace tollgate::process;

namespace {

// Files of a test, gone with it.
class Folder {
public:
    Folder() { std::filesystem::create_directory(path_); }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream{path_ / name} << content;
        return path_ / name;
    }

private:
    std::filesystem::path path_ = std::filesystem::temp_directory_path() / make_uuid_v4().text();
};

// A program with one setting of each kind.
struct Program {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    std::chrono::milliseconds timeout{500};
    ByteSize body_max{1024};
    bool tls = false;
    Secret url;
    std::string grant_to;
    std::string event;
    std::string mode = "quiet";
    bool json = false;
    std::map<std::string, std::string> environment{{"TOLLGATE_DATABASE_URL", "postgresql://default"}};

    Result<void> parse(std::vector<std::string> arguments) {
        Settings settings = declare();
        return settings.parse(arguments);
    }

    Settings declare() {
        Settings settings{[this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            if (found == environment.end()) return std::nullopt;
            return found->second;
        }};
        settings.add("http.address", address, "address");
        settings.add("http.port", port, "port", std::uint16_t{1});
        settings.add("http.timeout", timeout, "timeout");
        settings.add("http.body_max", body_max, "largest body");
        settings.add("http.tls", tls, "TLS");
        settings.add("database.url", url, "database");
        settings.require_last();
        settings.add_choice("http.mode", mode, {"quiet", "shy"}, "mode");
        settings.add_flag("json", json, "JSON");
        settings.add_option("grant-to", grant_to, "login");
        settings.add_positional("EVENT", event, "event", false);
        return settings;
    }
};

std::string error_of(std::vector<std::string> arguments,
                     const std::map<std::string, std::string>& more = {}) {
    Program program;
    for (const auto& [name, value] : more) program.environment[name] = value;
    const auto parsed = program.parse(std::move(arguments));
    return parsed ? "" : parsed.error().detail;
}

}  // namespace

TEST_CASE("a flag goes before the environment and that before the file and that before the default") {
    const Folder folder;
    const std::string file =
        folder.write("c.toml", "[http]\naddress = \"file\"\nport = 1\ntimeout = \"1s\"\n");
    Program program;
    program.environment["TOLLGATE_HTTP_ADDRESS"] = "environment";
    program.environment["TOLLGATE_HTTP_PORT"] = "2";
    REQUIRE(program.parse({"--config", file, "--http-address=flag"}).has_value());
    CHECK(program.address == "flag");
    CHECK(program.port == 2);
    CHECK(program.timeout == std::chrono::seconds{1});
    CHECK(program.body_max.bytes == 1024);
}

TEST_CASE("every kind of value is read from a file") {
    const Folder folder;
    const std::string secret = folder.write("url", "postgresql://u:p#w@h/d\n");
    const std::string file = folder.write(
        "c.toml", "# ours\n[http]\nbody_max = \"2MiB\" # large\ntls = true\n[database]\nurl_file = \"" +
                      secret + "\"\n[relay]\nanything = 1\n");
    Program program;
    program.environment = {{"TOLLGATE_CONFIG", file}};
    REQUIRE(program.parse({"--grant-to", "svc", "evt_1"}).has_value());
    CHECK(program.body_max.bytes == std::uint64_t{2} * 1024 * 1024);
    CHECK(program.tls);
    CHECK(program.url.reveal() == "postgresql://u:p#w@h/d");
    CHECK(program.grant_to == "svc");
    CHECK(program.event == "evt_1");
}

TEST_CASE("a secret comes by file or environment and never as an argument") {
    const Folder folder;
    Program program;
    program.environment = {{"TOLLGATE_DATABASE_URL_FILE", folder.write("url", "from-file\n")}};
    REQUIRE(program.parse({}).has_value());
    CHECK(program.url.reveal() == "from-file");
    REQUIRE(program.parse({"--database-url-file", folder.write("other", "from-flag")}).has_value());
    CHECK(program.url.reveal() == "from-flag");
    const std::string refused = error_of({"--database-url", "postgresql://u:hunter2@h/d"});
    CHECK_THAT(refused, Catch::Contains("--database-url-file") && !Catch::Contains("hunter2"));
    CHECK_THAT(program.declare().help_text(), !Catch::Contains("from-flag"));
}

TEST_CASE("a mistake is told in one line with its name and its source") {
    const Folder folder;
    struct Example {
        std::string told;
        std::vector<std::string> arguments;
        std::map<std::string, std::string> environment = {};
    };
    const std::vector<Example> examples{
        {"unknown flag --http-prot: did you mean --http-port?", {"--http-prot", "1"}},
        {"unknown flag --database-urlfile: did you mean --database-url-file?", {"--database-urlfile=x"}},
        {"--http-port needs a value", {"--http-port"}},
        {"--http-port: \"80a\" is not a whole number from 1 to 65535", {"--http-port", "80a"}},
        {"TOLLGATE_HTTP_PORT: \"0\" is not a whole number from 1 to 65535",
         {},
         {{"TOLLGATE_HTTP_PORT", "0"}}},
        {"--http-timeout: \"5\" is not a duration", {"--http-timeout=5"}},
        {"--http-tls: \"yes\" is neither true nor false", {"--http-tls=yes"}},
        {"--http-port is given twice", {"--http-port", "1", "--http-port", "2"}},
        {"--http-timeout: \"2d\" is not between 1ms and 1d", {"--http-timeout=2d"}},
        {"--http-timeout: \"0s\" is not between 1ms and 1d", {"--http-timeout=0s"}},
        {"--http-mode: \"loud\" is none of quiet, shy", {"--http-mode", "loud"}},
        {"--http-mode: \"syh\" is none of quiet, shy: did you mean shy?", {"--http-mode", "syh"}},
        {"--grant-to: must not be empty", {"--grant-to", ""}},
        {"--json: \"1\" is neither true nor false", {"--json=1"}},
        {"--config needs a value", {"--config="}},
        {"the configuration /tmp is a directory", {"--config", "/tmp"}},
        {"TOLLGATE_HTTP_PORT and TOLLGATE_HTTP_PORT_FILE are both set",
         {},
         {{"TOLLGATE_HTTP_PORT", "1"}, {"TOLLGATE_HTTP_PORT_FILE", "x"}}},
        {"database.url is empty: give it in", {}, {{"TOLLGATE_DATABASE_URL", ""}}},
        {"is longer than 64 KiB", {"--database-url-file", "/dev/zero"}},
        {"is not a text", {"--database-url-file", folder.write("nul", std::string("a\0b", 3))}},
        {"http.port and http.port_file are both set",
         {"--config", folder.write("f", "[http]\nport = 1\nport_file = \"x\"\n")}},
        {"unexpected argument \"two\"", {"one", "two"}},
        {"cannot read the configuration /nowhere.toml", {"--config", "/nowhere.toml"}},
        {"unknown key http.prot: did you mean http.port?",
         {"--config", folder.write("a", "[http]\nprot = 1\n")}},
        {"unknown section [htp]: did you mean http?", {"--config", folder.write("b", "[htp]\nport = 1\n")}},
        {"http.port in " + folder.write("c", "[http]\nport = 70000\n"),
         {"--config", folder.write("c", "[http]\nport = 70000\n")}},
        {folder.write("d", "[http]\nport = = 1\n") + ":2:",
         {"--config", folder.write("d", "[http]\nport = = 1\n")}},
        {"\"port\" stands outside a section", {"--config", folder.write("e", "port = 1\n")}},
    };
    for (const Example& example : examples) {
        INFO(example.told);
        const std::string told = error_of(example.arguments, example.environment);
        CHECK_THAT(told, Catch::Contains(example.told));
        CHECK_THAT(told, !Catch::Contains("\n"));
    }
}

TEST_CASE("a required setting that nobody gave is named with the ways to give it") {
    Program program;
    program.environment.clear();
    const auto parsed = program.parse({});
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().detail ==
          "database.url is not set: give it in TOLLGATE_DATABASE_URL, or in a file named by "
          "TOLLGATE_DATABASE_URL_FILE");
}

TEST_CASE("an unreadable secret file is named and a directory is not a file") {
    Program program;
    program.environment = {{"TOLLGATE_DATABASE_URL_FILE", "/nowhere"}};
    CHECK(program.parse({}).error().detail == "TOLLGATE_DATABASE_URL_FILE: cannot read /nowhere");
    program.environment = {{"TOLLGATE_DATABASE_URL_FILE", "/tmp"}};
    CHECK(program.parse({}).error().detail == "TOLLGATE_DATABASE_URL_FILE: /tmp is a directory");
}

TEST_CASE("an option that may be given several times keeps all in their order") {
    const auto parse = [](std::vector<std::string> arguments, std::vector<std::string>& aliases) {
        Settings settings{[](const std::string&) -> std::optional<std::string> { return std::nullopt; }};
        std::string tenant;
        settings.add_list("alias", aliases, "a path");
        settings.add_option("tenant", tenant, "whose");
        settings.require_last();
        const auto parsed = settings.parse(arguments);
        return parsed ? std::string{} : parsed.error().detail;
    };
    std::vector<std::string> aliases;
    CHECK(parse({"--alias", "/b", "--tenant", "acme", "--alias=/a"}, aliases).empty());
    CHECK(aliases == std::vector<std::string>{"/b", "/a"});
    CHECK(parse({"--alias", "/b"}, aliases) == "--tenant is missing; --help shows the usage");
    CHECK(parse({"--tenant", "acme", "--alias="}, aliases) == "--alias: must not be empty");
    CHECK(parse({"--tenant", "acme", "--tenant", "beta"}, aliases) == "--tenant is given twice");
}

TEST_CASE("what the command line gave of a command's own is known, and nothing of a secret") {
    Settings settings{[](const std::string&) -> std::optional<std::string> { return std::nullopt; }};
    std::vector<std::string> aliases;
    std::string name;
    std::string port;
    bool all = false;
    Secret token;
    settings.add("operator.token", token, "whose");
    settings.add("http.port", port, "where");
    settings.add_list("alias", aliases, "a path");
    settings.add_flag("all-tenants", all, "all of them");
    settings.add_positional("name", name, "its name", true);
    const std::vector<std::string> arguments{
        "--alias",   "/b",           "--alias=/a", "acme", "--http-port", "1", "--operator-token-file",
        "/dev/null", "--all-tenants"};
    CHECK(settings.parse(arguments).has_value());
    CHECK(settings.own_arguments() ==
          std::vector<Settings::Given>{
              {"alias", "/b"}, {"alias", "/a"}, {"name", "acme"}, {"all-tenants", "true"}});
}
