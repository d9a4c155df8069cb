foreach(script look keep forget erase)
    atende_embed(agent cache_${script}_lua src/agent/tools/cache_${script}.lua)
endforeach()

foreach(file profile.yaml prompt.md regras.md script.yaml schedule.yaml primeira-conversa.yaml tool.yaml)
    string(REGEX REPLACE "[.-]" "_" symbol ${file})
    atende_embed(agent starter_${symbol} src/agent/profile/starter/${file})
endforeach()
