#!/bin/sh
# pyserial over rfc2217://: after a refused write_timeout the port says settings that it never sent.
#
# Its manual: "All serial port functions are supported"; that write_timeout raises NotImplementedError
# here is well known.
# Guess: the assignment raises, and that is all of it: the port is as it was before, and goes on.
# Seen (found in its source): the value stays.  Each later assignment of a setting (speed, size, parity, stop bits) raises
# the same error, about the write time-out; yet the attribute then has the new value.  The speed
# reads 19200, the server was never asked and has 9600, data still passes.  Only write_timeout =
# None mends it, and then sends all that had piled up.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

need /usr/bin/python3 timeout
deb python3-serial=3.5-1.1
cat >"$t/try.py" <<'END'
import serial, serial.rfc2217, socket, threading

there = serial.serial_for_url("loop://", timeout=0)
listener = socket.create_server(("127.0.0.1", 0))

def serve():
    connection = listener.accept()[0]
    class Net:
        write = staticmethod(connection.sendall)
    manager = serial.rfc2217.PortManager(there, Net())
    while data := connection.recv(1024):
        there.write(b"".join(manager.filter(data)))
        if there.in_waiting:
            connection.sendall(b"".join(manager.escape(there.read(there.in_waiting))))

threading.Thread(target=serve, daemon=True).start()
port = serial.serial_for_url("rfc2217://127.0.0.1:%d" % listener.getsockname()[1], timeout=10)

def assign(name, value):
    try:
        setattr(port, name, value)
        result = "done"
    except NotImplementedError as error:
        result = str(error)
    print(f"{name} = {value}: {result}; port {port.baudrate} {port.bytesize}, server {there.baudrate} {there.bytesize}")

assign("write_timeout", 5)
assign("baudrate", 19200)
assign("bytesize", 7)
port.write(b"AT")
print("data:", port.read(2))
assign("write_timeout", None)
port.close()
END
seen=$(PYTHONPATH=$t/root/usr/lib/python3/dist-packages timeout 50 /usr/bin/python3 "$t/try.py" 2>&1)

no="write_timeout is currently not supported"
verdict "pyserial 3.5 (Debian 3.5-1.1)" \
	"write_timeout is refused, and nothing else has changed" \
	"it stays: later settings raise, are told as set, and were never sent" \
	"write_timeout = 5: $no; port 9600 8, server 9600 8
baudrate = 19200: $no; port 19200 8, server 9600 8
bytesize = 7: $no; port 19200 7, server 9600 8
data: b'AT'
write_timeout = None: done; port 19200 7, server 19200 7" "$seen"
