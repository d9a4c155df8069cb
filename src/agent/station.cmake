foreach(script look keep forget erase)
    atende_embed(agent cache_${script}_lua src/agent/tools/cache_${script}.lua)
endforeach()
