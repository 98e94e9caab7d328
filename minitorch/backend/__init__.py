"""Arrays and the devices that own them: which library computes, types of numbers, random streams, detection of CUDA."""
