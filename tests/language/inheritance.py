# Inheritance (the third seed's section 5.1.5): overriding, super, the method resolution order.

class Animal:
    kind = "animal"

    def __init__(self, name):
        self.name = name

    def speak(self):
        return f"{self.name} makes {self.sound()}"

    def sound(self):
        return "a sound"

class Dog(Animal):
    kind = "dog"

    def __init__(self, name, tricks=()):
        super().__init__(name)
        self.tricks = list(tricks)

    def sound(self):
        return "a bark"

class Puppy(Dog):
    def sound(self):
        return super().sound() + " (small)"

def animals(name):
    zoo = [Animal(name), Dog(name, ["sit"]), Puppy(name)]
    return [[a.speak(), a.kind, isinstance(a, Dog), type(a).__name__] for a in zoo] + [zoo[1].tricks, issubclass(Puppy, Animal)]

#: animals ["Rex"]
# ---
class A:
    def who(self):
        return ["A"]

class B(A):
    def who(self):
        return ["B"] + super().who()

class C(A):
    def who(self):
        return ["C"] + super().who()

class D(B, C):
    def who(self):
        return ["D"] + super().who()

def diamond(n):
    return [D().who(), [c.__name__ for c in D.__mro__][:n]]

#: diamond [4]
# ---
from abc import ABC, abstractmethod

class Shape(ABC):
    @abstractmethod
    def area(self): ...

    def describe(self):
        return f"{type(self).__name__} of {self.area():.2f}"

class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side ** 2

class Stack(list):
    def push(self, x):
        self.append(x)
        return self

    @property
    def top(self):
        return self[-1]

class Limits(dict):
    def __missing__(self, key):
        return key * 2

def built_in(n):
    stack = Stack([1]).push(n).push(n + 1)
    limits = Limits(a=1)
    return [Square(n).describe(), stack.top, len(stack), stack[0:2], limits["a"], limits["zz"], isinstance(stack, list), sorted(stack)]

#: built_in [3]
