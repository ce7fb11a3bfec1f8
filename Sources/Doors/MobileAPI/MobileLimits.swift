/// What one connection, one network and all together may take of the listener.
package struct MobileLimits: Sendable {
    /// Within this time the handshake and a whole first request must have come, and each later one from its first lines on.
    package var request = Duration.seconds(10)
    /// How long a connection may stay between an answer and the next request.
    package var idle = Duration.seconds(30)
    /// A connection whose answer nobody reads for this long is cut.
    package var answer = Duration.seconds(30)
    /// Open connections of one address (IPv6: of one network of 64 bits).
    package var connectionsPerAddress = 32
    package var connections = 1024
    /// Requests of one address that may be refused at once for what was in them, and how many more each second.
    package var refusals = 120
    package var refusalsPerSecond = 2
    /// How often the files of certificate and key are looked at.
    package var look = Duration.seconds(5)

    /// Bytes of all header fields of a request, and of the longest one.
    static let longestHeader = 16_384
    static let mostHeaders = 64
    /// Bytes of the body of a request.
    static let longestBody = 65_536

    package init() {}
}
