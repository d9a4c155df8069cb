foreach(script conversation ingest amend echo record claim attempt forgive renew journal plan defer send_begin send_end
        finish resolve pause sweep dead_retry ambiguous_drop flush audit)
    atende_embed(turns ${script}_lua src/turns/${script}.lua)
endforeach()
