# Flags every target of ours is built with.
add_library(atende_options INTERFACE)
target_include_directories(atende_options INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_options(atende_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wno-missing-designated-field-initializers -Werror
    -fstack-protector-strong -fstack-clash-protection -fcf-protection -pthread)
target_compile_definitions(atende_options INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_VISIBILITY SPDLOG_FMT_EXTERNAL
    ATENDE_VERSION="${PROJECT_VERSION}")
target_link_options(atende_options INTERFACE -fuse-ld=lld -Wl,-z,relro,-z,now)

if(ATENDE_ASAN)
    # vptr: it asks the kernel whether memory can be read, which a sandboxed process may not.
    target_compile_options(atende_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    target_link_options(atende_options INTERFACE -fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(atende_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    target_compile_definitions(atende_options INTERFACE _GLIBCXX_ASSERTIONS)
    target_link_options(atende_options INTERFACE -Wl,--gc-sections -Wl,--as-needed)
    target_compile_options(atende_options INTERFACE -ffunction-sections -fdata-sections)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
    # A fresh clone has the same files with other times. Without this nothing of the cache fits it: the precompiled
    # header, which every file is compiled with, would be another one.
    target_compile_options(atende_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
