-- FINISH: the worker hands the conversation back.
-- KEYS  conversation, inbox, due, queue
-- ARGV  member, epoch, least delay ms before anybody looks again (0: none), idle ttl ms
-- gives what hand_back gives
return hand_back(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
