-- FINISH: the worker hands the conversation back.
-- KEYS  those of the conversation
-- ARGV  member, epoch, least delay ms before anybody looks again (0: none), idle ttl ms
-- gives what hand_back gives
return hand_back(ARGV[2], ARGV[3], ARGV[4])
