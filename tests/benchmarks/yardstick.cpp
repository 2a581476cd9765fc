// What OpenVINO itself can do: a bare loop over infer requests, without Python.
//
//   yardstick MODEL NIREQ SECONDS restart|queue
//
// restart: every completion callback starts its own request again, nothing waits for anything.
// queue:   as AsyncInferQueue: one thread takes idle requests and starts them, callbacks give
//          them back.
// Prints "FPS FPS, nireq N". Input data, hint and nireq hint are those of benchmark_app.

#include <openvino/openvino.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmUpSeconds = 0.3;

struct Handles {
    std::mutex mutex;
    std::condition_variable changed;
    std::queue<size_t> idle;
    size_t in_flight = 0;
    std::exception_ptr error;
};

void fill(ov::InferRequest& request, const ov::CompiledModel& compiled) {
    std::mt19937 random(0);
    std::uniform_real_distribution<float> uniform(0.0F, 255.0F);
    for (const auto& input : compiled.inputs()) {
        ov::Tensor tensor = request.get_tensor(input);
        if (tensor.get_element_type() != ov::element::f32) {
            throw std::runtime_error("the yardstick feeds f32 inputs only");
        }
        float* data = tensor.data<float>();
        for (size_t i = 0; i < tensor.get_size(); ++i) {
            data[i] = uniform(random);
        }
    }
}

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Counts what completes in `seconds`, after a warm-up that is not counted.
double count_fps(const std::atomic<long>& completed, double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(kWarmUpSeconds));
    const long before = completed.load();
    const Clock::time_point begin = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return static_cast<double>(completed.load() - before) / seconds_since(begin);
}

void give_back(Handles& handles, std::exception_ptr error) {
    const std::lock_guard<std::mutex> lock(handles.mutex);
    --handles.in_flight;
    if (error && !handles.error) {
        handles.error = error;
    }
    handles.changed.notify_all();
}

double run_restarting(std::vector<ov::InferRequest>& requests, double seconds) {
    std::atomic<long> completed{0};
    std::atomic<bool> stop{false};
    Handles handles;
    handles.in_flight = requests.size();
    for (auto& request : requests) {
        ov::InferRequest* own = &request;
        request.set_callback([&, own](std::exception_ptr error) {
            if (!error) {
                completed.fetch_add(1, std::memory_order_relaxed);
                if (!stop.load(std::memory_order_relaxed)) {
                    own->start_async();
                    return;
                }
            }
            give_back(handles, error);
        });
    }
    for (auto& request : requests) {
        request.start_async();
    }
    const double fps = count_fps(completed, seconds);
    stop = true;
    std::unique_lock<std::mutex> lock(handles.mutex);
    handles.changed.wait(lock, [&] { return handles.in_flight == 0; });
    if (handles.error) {
        std::rethrow_exception(handles.error);
    }
    return fps;
}

double run_queue(std::vector<ov::InferRequest>& requests, double seconds) {
    std::atomic<long> completed{0};
    std::atomic<bool> stop{false};
    Handles handles;
    for (size_t i = 0; i < requests.size(); ++i) {
        handles.idle.push(i);
        requests[i].set_callback([&, i](std::exception_ptr error) {
            if (!error) {
                completed.fetch_add(1, std::memory_order_relaxed);
            }
            const std::lock_guard<std::mutex> lock(handles.mutex);
            handles.idle.push(i);
            if (error && !handles.error) {
                handles.error = error;
            }
            handles.changed.notify_one();
        });
    }
    std::thread feeder([&] {
        while (!stop.load(std::memory_order_relaxed)) {
            std::unique_lock<std::mutex> lock(handles.mutex);
            handles.changed.wait(lock, [&] { return !handles.idle.empty(); });
            if (handles.error) {
                return;
            }
            const size_t next = handles.idle.front();
            handles.idle.pop();
            lock.unlock();
            requests[next].start_async();
        }
    });
    const double fps = count_fps(completed, seconds);
    stop = true;
    feeder.join();
    std::unique_lock<std::mutex> lock(handles.mutex);
    handles.changed.wait(lock, [&] { return handles.idle.size() == requests.size(); });
    if (handles.error) {
        std::rethrow_exception(handles.error);
    }
    return fps;
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: yardstick MODEL NIREQ SECONDS restart|queue\n");
        return 2;
    }
    try {
        const size_t nireq = std::strtoul(argv[2], nullptr, 10);
        const double seconds = std::strtod(argv[3], nullptr);
        ov::Core core;
        ov::CompiledModel compiled =
            core.compile_model(argv[1],
                               "CPU",
                               ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT),
                               ov::hint::num_requests(static_cast<uint32_t>(nireq)));
        std::vector<ov::InferRequest> requests;
        for (size_t i = 0; i < nireq; ++i) {
            requests.push_back(compiled.create_infer_request());
            fill(requests.back(), compiled);
            requests.back().infer();
        }
        const bool queue = std::string(argv[4]) == "queue";
        const double fps = queue ? run_queue(requests, seconds) : run_restarting(requests, seconds);
        std::printf("%.2f FPS, nireq %zu\n", fps, nireq);
        std::fflush(stdout);
        // No callback may outlive what it refers to.
        for (auto& request : requests) {
            request.wait();
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
