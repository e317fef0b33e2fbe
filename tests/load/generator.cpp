#include "load/generator.hpp"

#include <array>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

#include "load/client_connection.hpp"
#include "load/open_schedule.hpp"

namespace tollgate::load {

namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

class Generator {
public:
    Generator(const Traffic& traffic, const RunSettings& settings)
        : traffic_{traffic}, settings_{settings}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
        if (epoll_ < 0) throw std::system_error{errno, std::generic_category(), "no epoll"};
        for (std::size_t i = 0; i < settings.connections; ++i) {
            lines_.push_back({.connection = ClientConnection{settings.port}});
            idle_.push_back(i);
            watch(EPOLL_CTL_ADD, i, EPOLLIN);
        }
        tally_.event_ids.resize(traffic.events());
        was_accepted_.resize(traffic.events());
    }
    ~Generator() { close(epoll_); }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    Tally run() {
        begin_ = Clock::now();
        tally_.began = begin_;
        measured_from_ = begin_ + settings_.ramp;
        end_ = measured_from_ + settings_.length;
        if (settings_.per_second) schedule_.emplace(begin_, *settings_.per_second);
        Time now = begin_;
        send_due(now);
        while (in_flight_ > 0 || is_more(now)) {
            if (now > end_ + settings_.patience) break;
            wait(now);
            now = Clock::now();
            send_due(now);
        }
        tally_.lost += in_flight_;
        const Time ended = is_more_traffic() ? end_ : std::min(end_, last_answer_);
        tally_.seconds = std::chrono::duration<double>(ended - measured_from_).count();
        return std::move(tally_);
    }

private:
    struct Line {
        ClientConnection connection;
        std::size_t request = 0;
        Time due{};
        bool busy = false;
        bool blocked = false;  // the socket takes no more for now
    };

    bool is_more_traffic() const { return next_ < traffic_.size(); }

    // An open loop sends what was due before the end, however late.
    bool is_more(Time now) const {
        return is_more_traffic() && (schedule_ ? schedule_->due(next_) < end_ : now < end_);
    }

    void send_due(Time now) {
        while (!idle_.empty() && is_more(now)) {
            const Time due = schedule_ ? schedule_->due(next_) : now;
            if (due > now) return;
            const std::size_t place = idle_.front();
            idle_.pop_front();
            Line& line = lines_[place];
            line.request = next_++;
            line.due = due;
            line.busy = true;
            ++in_flight_;
            traffic_.append(line.request, line.connection.request());
            send(place);
        }
    }

    void wait(Time now) {
        // Until the next is due, if there is a connection for it; else until something comes.
        Time until = end_ + settings_.patience;
        if (!idle_.empty() && is_more(now) && schedule_) until = schedule_->due(next_);
        const auto pause = std::max<std::chrono::nanoseconds>(until - now, std::chrono::nanoseconds{0});
        const auto seconds = std::chrono::floor<std::chrono::seconds>(pause);
        const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (pause - seconds).count()};
        std::array<epoll_event, 128> events{};
        const int count =
            epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
        if (count < 0 && errno != EINTR) throw std::system_error{errno, std::generic_category(), "epoll"};
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events.at(static_cast<std::size_t>(i));
            const auto place = static_cast<std::size_t>(event.data.u64);
            if ((event.events & EPOLLOUT) != 0) send(place);
            if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(place);
        }
    }

    void send(std::size_t place) {
        Line& line = lines_[place];
        if (!line.connection.send()) {
            connect_again(place);
        } else if (line.blocked == line.connection.is_sent()) {
            line.blocked = !line.blocked;
            watch(EPOLL_CTL_MOD, place, line.blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
    }

    void receive(std::size_t place) {
        Line& line = lines_[place];
        const bool open = line.connection.receive();
        const auto answer = line.connection.answer();
        if (!answer) throw std::runtime_error{answer.error().text()};
        bool reusable = open;
        if (*answer) {
            if (!line.busy || !line.connection.is_read())
                throw std::runtime_error{"the server answered what nobody asked"};
            count(line, **answer);
            line.busy = false;
            --in_flight_;
            // One that answered before it had read the whole request would take the rest for the next.
            reusable = open && !(*answer)->closes && line.connection.is_sent();
            if (reusable) idle_.push_back(place);
        }
        if (!reusable) connect_again(place);
    }

    void count(const Line& line, const Answer& answer) {
        last_answer_ = Clock::now();
        ++tally_.statuses[answer.status];
        if (answer.status != 200) return;
        const auto receipt = parse_receipt(answer.body);
        if (!receipt) {
            ++tally_.unreadable;
            return;
        }
        acknowledge(traffic_.event_of(line.request), *receipt);
        // An open loop's by when they were due: those that a stall held up belong to it.
        const Time counts = schedule_ ? line.due : last_answer_;
        if (counts < measured_from_ || counts >= end_) return;
        ++(receipt->duplicate ? tally_.duplicates : tally_.accepted);
        tally_.latencies.record(last_answer_ - line.due);
    }

    void acknowledge(std::size_t event, const Receipt& receipt) {
        Uuid& known = tally_.event_ids[event];
        if (known != Uuid{} && known != receipt.event_id) ++tally_.contradictions;
        known = receipt.event_id;
        if (receipt.duplicate) return;
        if (was_accepted_[event]) ++tally_.contradictions;
        was_accepted_[event] = true;
    }

    void connect_again(std::size_t place) {
        Line& line = lines_[place];
        if (line.busy) {
            ++tally_.lost;
            --in_flight_;
        } else {
            std::erase(idle_, place);
        }
        line = Line{.connection = ClientConnection{settings_.port}};
        watch(EPOLL_CTL_ADD, place, EPOLLIN);
        idle_.push_back(place);
    }

    void watch(int operation, std::size_t place, std::uint32_t events) {
        epoll_event event{.events = events, .data = {.u64 = place}};
        if (epoll_ctl(epoll_, operation, lines_[place].connection.fd(), &event) != 0)
            throw std::system_error{errno, std::generic_category(), "epoll"};
    }

    const Traffic& traffic_;
    const RunSettings settings_;
    const int epoll_;
    std::vector<Line> lines_;
    std::deque<std::size_t> idle_;  // the one that has waited longest first: all of them are used
    std::size_t next_ = 0;
    std::size_t in_flight_ = 0;
    Time begin_;
    Time measured_from_;
    Time end_;
    Time last_answer_;
    std::optional<OpenSchedule> schedule_;
    std::vector<bool> was_accepted_;
    Tally tally_;
};

}  // namespace

Tally run(const Traffic& traffic, const RunSettings& settings) {
    return Generator{traffic, settings}.run();
}

}  // namespace tollgate::load
