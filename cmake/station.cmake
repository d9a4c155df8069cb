# A station: src/<name>/**.cpp as a static library that links only what it declares.
function(atende_station name)
    cmake_parse_arguments(PARSE_ARGV 1 station "" "" "LIBS")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    if(NOT sources)
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE atende_options ${station_LIBS})
        return()
    endif()
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC atende_options ${station_LIBS})
    # A good part of compiling was reading these again for every file.
    if(name STREQUAL platform)
        target_precompile_headers(${name} PRIVATE <boost/asio/awaitable.hpp> <boost/asio/steady_timer.hpp>
            <boost/asio/thread_pool.hpp> <boost/asio/use_awaitable.hpp> <fmt/format.h> <nlohmann/json.hpp>
            <spdlog/spdlog.h> <algorithm> <chrono> <functional> <map> <optional> <string> <vector>
            ${PROJECT_SOURCE_DIR}/src/platform/compiled_once.hpp)
    else()
        target_precompile_headers(${name} REUSE_FROM platform)
    endif()
    if(EXISTS ${PROJECT_SOURCE_DIR}/src/${name}/station.cmake)
        include(${PROJECT_SOURCE_DIR}/src/${name}/station.cmake)
    endif()
endfunction()
