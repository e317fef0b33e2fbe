// Beast, compiled once. Only the sources of this folder include its headers.
#include <boost/beast/src.hpp>
