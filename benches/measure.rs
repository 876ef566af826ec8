//! CPU time, which holds on a busy machine.

/// CPU seconds of this process so far, all threads (`proc(5)`: utime and stime, 100 ticks/s).
pub(crate) fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_ascii_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// Runs work until it has cost about two CPU seconds; gives the amount done in each.
pub(crate) fn per_cpu_second(mut work: impl FnMut() -> f64) -> f64 {
    work();
    let (began, mut done) = (cpu(), 0.0);
    while cpu() - began < 2.0 {
        done += work();
    }
    done / (cpu() - began)
}
