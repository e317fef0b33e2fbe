#include "crypto/random.hpp"

#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace tollgate::crypto {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    // The _ex form takes a size_t; strength 0 is the default generator's.
    if (RAND_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(bytes.data()), count, 0) != 1) {
        throw std::runtime_error{"the system's random number generator does not answer"};
    }
    return bytes;
}

}  // namespace tollgate::crypto
