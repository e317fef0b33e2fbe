// Another system on loopback that answers as a test says, and keeps what it was asked. Ours, and no copy of
// anybody's.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "http/completion.hpp"
#include "http/server.hpp"

namespace tollgate::test {

class Recorder {
public:
    Recorder();
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    // Behind it goes what is asked for.
    std::string url() const;
    // Of whatever is asked for by this; 404 otherwise.
    void answer(const std::string& what, const http::Response& response);
    // Takes the request and says nothing, until it is told to answer all of them.
    void be_silent(const std::string& what);
    void let_go();
    // As they came: method, target and headers.
    std::vector<std::string> asked();
    std::size_t asked_for(const std::string& what);

private:
    http::Response answer_of(const std::string& what);
    boost::asio::awaitable<http::Response> handle(http::Request request);

    std::mutex mutex_;
    std::map<std::string, http::Response> answers_;
    std::set<std::string> silent_;
    std::vector<http::Completion<int>> waiting_;
    std::vector<std::string> asked_;
    std::map<std::string, std::size_t> counts_;
    http::Server server_;
};

}  // namespace tollgate::test
