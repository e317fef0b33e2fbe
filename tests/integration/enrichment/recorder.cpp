#include "recorder.hpp"

#include <stdexcept>

namespace tollgate::test {

using boost::asio::awaitable;
using http::Request;
using http::Response;

namespace {

template <typename Handle>
http::Server serve(Handle handle) {
    http::Router router;
    router.add(http::Method::get, "/of/{what}", std::move(handle));
    auto server = http::Server::start({}, std::move(router));
    if (!server) throw std::runtime_error{server.error().text()};
    return std::move(*server);
}

}  // namespace

Recorder::Recorder() : server_{serve([this](Request request) { return handle(std::move(request)); })} {}

Recorder::~Recorder() {
    try {
        let_go();
    } catch (const std::exception& failure) {
        fmt::print(stderr, "who asked the recorder is not answered: {}\n", failure.what());
    }
}

std::string Recorder::url() const {
    return fmt::format("http://127.0.0.1:{}/of/", server_.port());
}

void Recorder::answer(const std::string& what, const Response& response) {
    const std::lock_guard lock{mutex_};
    silent_.erase(what);
    answers_[what] = response;
}

void Recorder::be_silent(const std::string& what) {
    const std::lock_guard lock{mutex_};
    silent_.insert(what);
}

void Recorder::let_go() {
    const std::lock_guard lock{mutex_};
    silent_.clear();
    for (const auto& done : waiting_) done(0);
    waiting_.clear();
}

std::vector<std::string> Recorder::asked() {
    const std::lock_guard lock{mutex_};
    return asked_;
}

std::size_t Recorder::asked_for(const std::string& what) {
    const std::lock_guard lock{mutex_};
    return counts_[what];
}

Response Recorder::answer_of(const std::string& what) {
    const std::lock_guard lock{mutex_};
    const auto found = answers_.find(what);
    return found == answers_.end() ? http::plain(404, "") : found->second;
}

awaitable<Response> Recorder::handle(Request request) {
    bool is_silent = false;
    const std::string what{request.parameter("what")};
    {
        const std::lock_guard lock{mutex_};
        std::string whole =
            fmt::format("{} {}?{}\n", name(request.method), request.path(), request.raw_query());
        for (const auto& field : request.headers) whole += fmt::format("{}: {}\n", field.name, field.value);
        asked_.push_back(whole + request.body);
        ++counts_[what];
        is_silent = silent_.contains(what);
    }
    if (is_silent) {
        co_await http::completed_by<int>([this](http::Completion<int> done) {
            const std::lock_guard lock{mutex_};
            waiting_.push_back(std::move(done));
        });
    }
    co_return answer_of(what);
}

}  // namespace tollgate::test
