internal import Dispatch
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
package import Primitives
package import Vitals

/// What whoever watches the machine may ask: `GET /metrics`, `GET /health`.
package actor MetricsAPI {
    private let health: Health
    private let time: any TimeSource
    private let figures: @Sendable () async -> Exposition
    private let files = DispatchQueue(label: "metrics")
    /// Figures of a moment ago, for those who ask too often.
    private var last: (text: Task<String, Never>, at: Duration)?

    private static let kept = Duration.seconds(1)
    private static let patience = Duration.seconds(2)

    /// - Parameter figures: all but those of the process.
    package init(health: Health, time: any TimeSource, figures: @escaping @Sendable () async -> Exposition) {
        self.health = health
        self.time = time
        self.figures = figures
    }

    /// - Parameter isLoopback: whether it came over the network of the machine itself; then the name it was asked by must be one of the
    ///   machine itself too, so that no page in a browser asks by a name of its own.
    func respond(to request: HTTPRequest, isLoopback: Bool) async -> Response {
        guard !isLoopback || Self.isOwnName(request.authority) else { return Self.text("misdirected\n", status: .misdirectedRequest) }
        guard ["/metrics", "/health"].contains(request.path) else { return Self.text("not found\n", status: .notFound) }
        guard request.method == .get || request.method == .head else {
            var refused = Self.text("only GET\n", status: .methodNotAllowed)
            refused.headers[.allow] = "GET, HEAD"
            return refused
        }
        if request.path == "/health" { return await healthAnswer() }
        return Self.text(await metricsText(), type: Exposition.mediaType)
    }

    private func healthAnswer() async -> Response {
        let troubles = await health.troubles(within: Self.patience)
        let answer: JSON = [
            "health": troubles.isEmpty ? "ok" : "degraded", "troubles": .array(troubles.map { .string($0.rawValue) }),
        ]
        return Self.text(
            String(decoding: answer.canonical, as: UTF8.self), type: "application/json",
            status: troubles.isEmpty ? .ok : .serviceUnavailable)
    }

    private func metricsText() async -> String {
        let now = time.awake()
        if let last, now - last.at < Self.kept { return await last.text.value }
        let text = Task { [figures, health, files] in
            var exposition = await figures()
            let troubles = Set(await health.troubles(within: Self.patience).map(\.rawValue))
            exposition.add(.trouble, each: Health.Trouble.allCases.map(\.rawValue), where: troubles.contains)
            let known = exposition
            return await files.perform {
                var whole = known
                ProcessFigures.add(to: &whole)
                return whole.text
            }
        }
        last = (text, now)
        return await text.value
    }

    static func isOwnName(_ authority: String?) -> Bool {
        guard let authority else { return true }
        if authority.hasPrefix("[") { return authority.prefix { $0 != "]" } == "[::1" }
        let name = authority.prefix { $0 != ":" }.lowercased()
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return name == "localhost" || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
    }

    private static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
