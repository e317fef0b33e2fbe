#include "fixtures.hpp"

#include <charconv>

#include "support/wait.hpp"

namespace tollgate::test {

using boost::asio::awaitable;
using http::Method;
using http::Request;
using http::Response;

http::Server start(http::Router router, http::ServerSettings settings, http::Observer observer) {
    auto server = http::Server::start(settings, std::move(router), std::move(observer));
    if (!server) throw std::runtime_error{server.error().text()};
    return std::move(*server);
}

awaitable<Response> Gate::wait(Request) {
    const Result<int> status = co_await http::completed_by<int>([this](http::Completion<int> done) {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(done));
    });
    co_return Response{.status = *status};
}

bool Gate::holds(std::size_t count) {
    return wait_until([&] {
        const std::lock_guard lock{mutex_};
        return waiting_.size() == count;
    });
}

void Gate::open(int status) {
    const std::lock_guard lock{mutex_};
    for (const auto& done : waiting_) done(status);
    waiting_.clear();
}

http::Router echo_router() {
    http::Router router;
    router.add(Method::post, "/echo", [](Request request) -> awaitable<Response> {
        co_return http::plain(200, std::move(request.body));
    });
    router.add(Method::get, "/hello",
               [](Request) -> awaitable<Response> { co_return http::plain(200, "hello"); });
    return router;
}

std::string post(std::string_view body, std::string_view path, std::string_view more_headers) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}\r\n{}", path,
                       body.size(), more_headers, body);
}

std::string get(std::string_view path, std::string_view more_headers) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, more_headers);
}

std::string filler(std::size_t bytes) {
    std::string text;
    text.resize(bytes, 'x');
    return text;
}

int status_of(std::string_view message) {
    int status = 0;
    if (message.starts_with("HTTP/1.1 ")) std::from_chars(message.data() + 9, message.data() + 12, status);
    return status;
}

std::string_view body_of(std::string_view message) {
    const std::size_t end = message.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string_view{} : message.substr(end + 4);
}

bool has_header(std::string_view message, std::string_view line) {
    const std::string whole = fmt::format("\r\n{}\r\n", line);
    return message.substr(0, message.find("\r\n\r\n") + 2).find(whole) != std::string_view::npos;
}

}  // namespace tollgate::test
