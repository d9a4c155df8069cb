# atende_embed(<target> <symbol> <file>): the file's bytes as `std::string_view atende::embedded::<symbol>`, declared by
# whoever uses it. Generated instead of #embed, because ccache 4.7 does not see that an embedded file changed.
function(atende_embed target symbol file)
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded/${target}_${symbol}.cpp)
    get_filename_component(source ${file} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    add_custom_command(
        OUTPUT ${generated}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${source} -DOUTPUT=${generated} -DSYMBOL=${symbol}
                -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
        DEPENDS ${source} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
        VERBATIM)
    target_sources(${target} PRIVATE ${generated})
endfunction()
