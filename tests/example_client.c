/* Sets a port to 9600 bit/s and prints what it says: example_client HOST PORT */
#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <libtelnet.h>
#include <rfc2217.h>

static int fd;
static void send_payload(void *telnet, const uint8_t *payload, size_t n) {
	telnet_subnegotiation(telnet, RFC2217_OPTION, (const char *)payload, n);
}
static void told(void *telnet, const struct rfc2217_command *c) {
	(void)telnet;
	printf("%s %u\n", rfc2217_code_name(c->code), (unsigned)c->value);
}
static void on_event(telnet_t *telnet, telnet_event_t *ev, void *client) {
	(void)telnet;
	if (ev->type == TELNET_EV_SEND && send(fd, ev->data.buffer, ev->data.size, 0) < 0)
		err(1, "send");
	if (ev->type == TELNET_EV_DO && ev->neg.telopt == RFC2217_OPTION)
		rfc2217_client_request(client, RFC2217_SET_BAUDRATE, 9600);
	if (ev->type == TELNET_EV_SUBNEGOTIATION && ev->sub.telopt == RFC2217_OPTION)
		rfc2217_client_input(client, (const void *)ev->sub.buffer, ev->sub.size);
}
int main(int argc, char **argv) {
	const telnet_telopt_t on[] = {{ RFC2217_OPTION, TELNET_WILL, TELNET_DO }, { -1, 0, 0 }};
	static const struct rfc2217_client_ops ops = { send_payload, told };
	static struct addrinfo *to, hints = { .ai_socktype = SOCK_STREAM };
	static struct rfc2217_client client;
	static char buffer[4096];
	if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &to) != 0)
		errx(2, "usage: example_client HOST PORT");
	if (connect(fd = socket(to->ai_family, SOCK_STREAM, 0), to->ai_addr, to->ai_addrlen) != 0)
		err(1, "%s", argv[1]);
	rfc2217_client_init(&client, &ops, telnet_init(on, on_event, 0, &client));
	telnet_negotiate(client.ctx, TELNET_WILL, RFC2217_OPTION);
	for (ssize_t n; client.format.baud == 0 && (n = recv(fd, buffer, sizeof buffer, 0)) > 0;)
		telnet_recv(client.ctx, buffer, (size_t)n);
	return client.format.baud == 9600 ? 0 : 1;
}
