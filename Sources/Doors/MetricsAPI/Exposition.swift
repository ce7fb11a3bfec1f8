/// Figures in the text format of Prometheus, version 0.0.4.
package struct Exposition: Sendable {
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Sample {
        let labels: [String]
        let value: Double
    }

    private var samples: [Metric: [Sample]] = [:]

    package init() {}

    /// - Parameter labels: values of ``Metric/labels``, one each in their order.
    package mutating func add(_ metric: Metric, _ labels: [String] = [], value: Double) {
        samples[metric, default: []].append(Sample(labels: labels, value: value))
    }

    package mutating func add(_ metric: Metric, _ labels: [String] = [], count: some BinaryInteger) {
        add(metric, labels, value: Double(count))
    }

    /// One sample for each of the values that a label may have: 1 for those that are true, else 0.
    package mutating func add(_ metric: Metric, each values: [String], where isTrue: (String) -> Bool) {
        for value in values { add(metric, [value], value: isTrue(value) ? 1 : 0) }
    }

    package var text: String {
        Metric.allCases.map { metric in
            let head = "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) \(metric.isCounter ? "counter" : "gauge")\n"
            return head + (samples[metric] ?? []).map { "\(metric.rawValue)\(Self.labels(metric, $0)) \(Self.number($0.value))\n" }.joined()
        }.joined()
    }

    private static func labels(_ metric: Metric, _ sample: Sample) -> String {
        guard !metric.labels.isEmpty else { return "" }
        return "{" + zip(metric.labels, sample.labels).map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(scalar)
            }
        }.joined()
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? (value.isFinite ? "\(value)" : value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf")
    }
}
