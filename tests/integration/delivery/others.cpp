#include "others.hpp"

#include <fstream>
#include <stdexcept>

#include <boost/json/parse.hpp>

#include "http/client.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

constexpr const char* seed = R"({"slack": {
    "channels": [{"name": "billing"}],
    "strict_scopes": true,
    "tokens": [
        {"token": "xoxb-1-emulated", "scopes": ["chat:write", "channels:read", "groups:read", "im:read", "mpim:read", "channels:history"]},
        {"token": "xoxb-1-reader", "scopes": ["channels:read"]}]}})";

std::string seed_file(const TemporaryFolder& folder) {
    std::string path = folder.path() / "seed.json";
    std::ofstream{path} << seed;
    return path;
}

}  // namespace

ChildProcess::Environment node_environment() {
    return {{"NODE_PATH", source_file(".local/node/node_modules")}};
}

std::string node() {
    return source_file(".local/python/bin/node");
}

EmulatedSlack::EmulatedSlack()
    : port_{free_port()},
      process_{node(),
               {source_file(".local/node/node_modules/emulate/dist/index.js"), "start", "--service", "slack",
                "--port", std::to_string(port_), "--seed", seed_file(folder_)},
               node_environment()} {
    if (!wait_until([&] { return process_.out().contains("Ready.") || !process_.running(); }) ||
        !process_.running()) {
        throw std::runtime_error{"the emulator does not start: " + process_.out() + process_.err()};
    }
    for (const auto& channel : ask("conversations.list").at("channels").as_array()) {
        if (channel.at("name") == "billing") billing_ = channel.at("id").as_string();
    }
}

std::string EmulatedSlack::api_url() const {
    return fmt::format("http://127.0.0.1:{}/api", port_);
}

std::string EmulatedSlack::webhook() const {
    return fmt::format("http://127.0.0.1:{}/services/T000000001/B000000001/x", port_);
}

boost::json::object EmulatedSlack::ask(const std::string& method, const std::string& form) {
    const auto client = http::Client::make({.internal_host = [](std::string_view) { return true; }});
    if (!client) throw std::runtime_error{client.error().text()};
    const http::IoThreads threads{1};
    const auto answer = http::await_from_here(
        threads.executor(0),
        client->fetch({.method = http::Method::post,
                       .url = api_url() + "/" + method,
                       .headers = {{"Authorization", "Bearer xoxb-1-emulated"},
                                   {"Content-Type", "application/x-www-form-urlencoded"}},
                       .body = form}));
    if (!answer) throw std::runtime_error{answer.error().text()};
    auto object = boost::json::parse(answer->body).as_object();
    const auto* const ok = object.if_contains("ok");
    if (ok == nullptr || *ok != true) throw std::runtime_error{method + ": " + answer->body};
    return object;
}

}  // namespace tollgate::test
