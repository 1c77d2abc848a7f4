env = globals()["env"]
print("hello")
