internal import Dispatch
package import HTTPServing
internal import HTTPTypes
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOHTTP1
package import Primitives
internal import ServiceLifecycle

/// Serves devices and servers over HTTPS until it is told to stop. Nothing of the local API is reachable here.
package struct MobileListener: Service {
    private static let files = DispatchQueue(label: "mobile.certificate")

    private let port: ListeningPort
    private let identity: TLSIdentity
    private let api: MobileAPI
    private let limits: MobileLimits
    private let time: any TimeSource
    private let tally: ConnectionTally
    private let logger: Logger
    private let shows: @Sendable (Shown) -> Void

    /// What devices and servers see of it.
    package struct Shown: Hashable, Sendable {
        /// As ``TLSIdentity/pin``.
        package let pin: String
        /// When its certificate expires.
        package let end: Timestamp
        /// Why the files that should take its place cannot be used.
        package let problem: Text?
    }

    /// - Parameters:
    ///   - identity: its certificate may change while the listener runs.
    ///   - shows: hears what is shown, at the beginning and whenever it may have changed.
    package init(
        _ api: MobileAPI, on port: ListeningPort, identity: TLSIdentity, time: any TimeSource, limits: MobileLimits = MobileLimits(),
        tally: ConnectionTally = ConnectionTally(), logger: Logger, shows: @escaping @Sendable (Shown) -> Void = { _ in }
    ) {
        self.api = api
        self.port = port
        self.identity = identity
        self.time = time
        self.limits = limits
        self.tally = tally
        self.logger = logger
        self.shows = shows
    }

    package func run() async throws {
        shows(shown(nil))
        warnOfExpiry()
        let (api, limits, logger) = (self.api, self.limits, self.logger)
        let http = HTTP1Channel(
            responder: { request, writer, channel in
                let response = try await api.respond(to: request, from: RemoteEnd(channel))
                // An answer to HEAD ends with its head (RFC 9110 §9.3.2): its body would be read as the next answer.
                try await writer.write(response: response.head, body: request.method == .head ? ResponseBody() : response.body)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionDeadline(request: limits.request, answer: limits.answer, idle: limits.idle)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: MobileLimits.longestHeader, maxHeaderListSize: MobileLimits.longestHeader,
                    maxHeaderFieldCount: MobileLimits.mostHeaders)))
        let child = MobileChannel(
            base: http, identity: identity,
            gate: ConnectionGate(each: limits.connectionsPerAddress, all: limits.connections, tally: tally))
        try await withThrowingTaskGroup { group in
            group.addTask { await watchFiles() }
            try await ConnectionServer(
                child, on: port.descriptor, backlog: ListeningPort.backlog, allowsHalfClosure: false, logger: logger
            ).run { await child.handle(value: $0, logger: logger) }
            group.cancelAll()
        }
    }

    private func watchFiles() async {
        while (try? await Task.sleep(for: limits.look)) != nil { await look() }
    }

    /// Looks at the files of certificate and key now.
    package func look() async {
        switch await Self.files.perform({ [identity] in identity.look() }) {
        case .none: break
        case .renewed:
            shows(shown(nil))
            logger.info("the listener's certificate was read again", metadata: ["mobile.expiry": "\(identity.expiry)"])
            warnOfExpiry()
        case .unusable(let failure):
            shows(shown(failure.text))
            logger.warning("the listener keeps its certificate of before", metadata: ["error": "\(failure)"])
        }
    }

    private func shown(_ problem: Text?) -> Shown { Shown(pin: identity.pin, end: identity.expiry, problem: problem) }

    private func warnOfExpiry() {
        guard identity.expiry <= time.now() else { return }
        logger.warning("the listener's certificate has expired", metadata: ["mobile.expiry": "\(identity.expiry)"])
    }
}
