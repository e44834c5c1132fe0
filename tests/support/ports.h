/* SPDX-License-Identifier: Apache-2.0
 *
 * ports — where servers of tests listen. One that the kernel chose may be taken by anybody who
 * connects to anything, as soon as its server is away for a moment; these lie below all of them,
 * and two test programs at a time have others.
 */
#ifndef TESTS_SUPPORT_PORTS_H
#define TESTS_SUPPORT_PORTS_H

/* One where nothing listens at any address of this machine; another each time. */
unsigned short port_of_ours(void);

#endif
