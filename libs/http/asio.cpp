// Asio, compiled once for every library and service that links this one.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
