package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOExtras
internal import NIOPosix
internal import ServiceLifecycle

/// Accepts connections on a listening socket until it is told to stop; requests under way are then finished.
package struct ConnectionServer<Child: ServerChildChannel>: Sendable {
    private let child: Child
    private let descriptor: Int32
    private let backlog: Int32
    private let allocator: ByteBufferAllocator
    private let allowsHalfClosure: Bool
    private let logger: Logger
    private let opened: @Sendable () -> Void

    /// - Parameters:
    ///   - child: what is built on each connection.
    ///   - descriptor: a socket that listens; it is closed at the end.
    ///   - backlog: connections that may wait to be accepted.
    ///   - allocator: of the memory for what connections receive.
    ///   - allowsHalfClosure: whether who has said all still gets the answer; TLS has its own word for the end.
    ///   - opened: is called once connections are accepted.
    package init(
        _ child: Child, on descriptor: Int32, backlog: Int32, allocator: ByteBufferAllocator = ByteBufferAllocator(),
        allowsHalfClosure: Bool, logger: Logger, opened: @escaping @Sendable () -> Void = {}
    ) {
        self.child = child
        self.descriptor = descriptor
        self.backlog = backlog
        self.allocator = allocator
        self.allowsHalfClosure = allowsHalfClosure
        self.logger = logger
        self.opened = opened
    }

    /// - Parameter serve: has one connection until its end, in a task of its own.
    package func run(_ serve: @escaping @Sendable (Child.Value) async -> Void) async throws {
        let (child, logger) = (self.child, self.logger)
        let quiesce = ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(quiesce.makeServerChannelHandler(channel: channel))
                }
            }
            .serverChannelOption(.backlog, value: backlog)
            .childChannelOption(.allowRemoteHalfClosure, value: allowsHalfClosure)
            .childChannelOption(.allocator, value: allocator)
            .bind(descriptor) { channel in child.setup(channel: channel, logger: logger) }
        opened()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                do {
                    try await server.executeThenClose { inbound in
                        for try await connection in inbound { group.addTask { await serve(connection) } }
                    }
                } catch {
                    logger.error("connections can no longer be accepted", metadata: ["error": "\(error)"])
                }
            }
        } onGracefulShutdown: {
            quiesce.initiateShutdown(promise: nil)
        }
    }
}
