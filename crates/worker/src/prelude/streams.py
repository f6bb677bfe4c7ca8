class _Stream(io.RawIOBase):
    """One of the two standard streams: complete lines go to the daemon as soon as they are written."""

    mode = "wb"

    def __init__(self, number, name, emit):
        self._number = number
        self.name = name
        self._emit = emit
        self.pending = bytearray()
        self._direct = False

    def writable(self):
        return True

    def fileno(self):
        return self._number

    def write(self, data):
        data = bytes(data)
        end = data.rfind(b"\n") + 1
        if self._direct:
            self._emit(self._number, data)
        elif end and not self.pending:
            self._emit(self._number, data[:end])
            self.pending += data[end:]
        else:
            self.pending += data
            if end:
                end += len(self.pending) - len(data)
                self._emit(self._number, bytes(self.pending[:end]))
                del self.pending[:end]
        if len(self.pending) > _LONGEST_PENDING:
            self.finish()
        return len(data)

    def finish(self):
        """Sends the line whose end is missing."""
        if self.pending:
            self._emit(self._number, bytes(self.pending))
            self.pending.clear()

    def forked(self):
        """In a process that the action forked: what is pending is its parent's, and nobody will call `finish`."""
        self.pending.clear()
        self._direct = True
