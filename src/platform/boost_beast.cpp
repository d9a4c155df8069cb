// Boost.Beast's non-template code, compiled once.
#include <boost/beast/src.hpp>
