foreach(script conversation amendments ingest amend content heard echo record claim attempt forgive renew journal plan deliver defer send_begin send_end
        finish resolve pause sweep dead_retry ambiguous_drop flush forget remember
        audit)
    atende_embed(turns ${script}_lua src/turns/${script}.lua)
endforeach()
