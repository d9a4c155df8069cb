foreach(script ingest amend echo record claim renew plan defer send_begin send_end finish hand_back sweep)
    atende_embed(turns ${script}_lua src/turns/${script}.lua)
endforeach()
