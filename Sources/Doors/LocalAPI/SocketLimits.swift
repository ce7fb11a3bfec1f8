internal import NIOCore

/// What one connection, one user and all users together may take of the socket.
package struct SocketLimits: Sendable {
    /// Within this time a whole request must have come, counted from the opening of the connection or from the end of the answer before.
    package var request = Duration.seconds(10)
    /// A connection whose answer nobody reads for this long is cut.
    package var answer = Duration.seconds(30)
    /// Open connections of one user.
    package var connectionsPerUser = 240
    /// Open connections in all: well below the usual limit of 1024 descriptors.
    package var connections = 512

    package init() {}
}
