"""A bot whose venue accepts the connection and never answers. It prints a line a round."""
import socket

venue = socket.create_server(("127.0.0.1", 0))


def ask():
    with socket.create_connection(venue.getsockname()) as connection:
        connection.sendall(b"GET /balance\n")
        return connection.recv(100)


print("round 1", flush=True)
ask()
