// The C11 thread functions that librdkafka calls, by those of POSIX. Only in builds with the thread
// sanitizer: it does not know C11 threads, so the first of librdkafka's threads that meets it would end the
// process.
#include <cerrno>
#include <cstdint>
#include <memory>

#include <pthread.h>
#include <threads.h>

namespace {

struct Start {
    thrd_start_t function;
    void* argument;
};

void* run(void* opaque) {
    const std::unique_ptr<Start> start{static_cast<Start*>(opaque)};
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

int outcome(int error) {
    return error == 0 ? thrd_success : thrd_error;
}

// glibc's types for C11 are those of POSIX by another name.
pthread_mutex_t* posix(mtx_t* mutex) {
    static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
    return reinterpret_cast<pthread_mutex_t*>(mutex);
}

pthread_cond_t* posix(cnd_t* condition) {
    static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));
    return reinterpret_cast<pthread_cond_t*>(condition);
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
    auto start = std::make_unique<Start>(Start{function, argument});
    const int error = pthread_create(thread, nullptr, &run, start.get());
    if (error == 0) static_cast<void>(start.release());  // the new thread's
    return outcome(error);
}

int thrd_join(thrd_t thread, int* result) {
    void* returned = nullptr;
    const int error = pthread_join(thread, &returned);
    if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
    return outcome(error);
}

int mtx_init(mtx_t* mutex, int type) {
    pthread_mutexattr_t attributes{};
    pthread_mutexattr_init(&attributes);
    const bool recursive = (type & mtx_recursive) != 0;
    pthread_mutexattr_settype(&attributes, recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    const int error = pthread_mutex_init(posix(mutex), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return outcome(error);
}

void mtx_destroy(mtx_t* mutex) {
    pthread_mutex_destroy(posix(mutex));
}

int mtx_lock(mtx_t* mutex) {
    return outcome(pthread_mutex_lock(posix(mutex)));
}

int mtx_unlock(mtx_t* mutex) {
    return outcome(pthread_mutex_unlock(posix(mutex)));
}

int cnd_init(cnd_t* condition) {
    return outcome(pthread_cond_init(posix(condition), nullptr));
}

void cnd_destroy(cnd_t* condition) {
    pthread_cond_destroy(posix(condition));
}

int cnd_signal(cnd_t* condition) {
    return outcome(pthread_cond_signal(posix(condition)));
}

int cnd_broadcast(cnd_t* condition) {
    return outcome(pthread_cond_broadcast(posix(condition)));
}

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    return outcome(pthread_cond_wait(posix(condition), posix(mutex)));
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    const int error = pthread_cond_timedwait(posix(condition), posix(mutex), until);
    return error == ETIMEDOUT ? thrd_timedout : outcome(error);
}

void call_once(once_flag* flag, void (*function)()) {
    pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}

}  // extern "C"
